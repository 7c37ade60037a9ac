"""Prepare any picture, photograph or drawing, as a 28 x 28 image like those of Fashion-MNIST."""
