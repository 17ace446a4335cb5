"""How officers write rules: the editor of versions, what publishing one would change, what a day to come would cost."""
