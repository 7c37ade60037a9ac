"""What visitors of a dashboard that others can reach are told."""

PRESENTATION_NOTICE = "A presentation: look around and try pictures. Nothing can be started or changed."
