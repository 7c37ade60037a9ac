"""The HTTP API that ``fashion api`` serves: a picture in, its class and what to do with it out."""
