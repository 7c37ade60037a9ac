"""Sort a folder of pictures into one folder for each class: those that a promise covers, the others for a person."""
