"""The command as a process: what players see when it, its engine or its disk fails."""
