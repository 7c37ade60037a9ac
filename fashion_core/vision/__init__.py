"""Any picture to the data set's form: 28x28, garment light on black, longest edge filled, background exactly 0."""
