"""What the portal has come to, for everybody to read: counted (figures), small counts hidden (hiding), shown
(pages)."""
