"""Who is told, because of what: runs over the register, changes of facts, the calendar, and how far each has come."""
