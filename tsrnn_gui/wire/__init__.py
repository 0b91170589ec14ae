"""What the window and the engine say to each other, and how."""
