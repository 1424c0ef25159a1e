"""The face index: one narrow contract, whatever recognizes the faces behind it."""
