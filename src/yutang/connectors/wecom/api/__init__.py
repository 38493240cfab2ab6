"""The calls of WeCom's server API, by what they are about; each takes and gives typed, frozen things."""
