"""The guard: what is asked for by whom is judged within milliseconds, with reasons, and a person may ask for another look."""
