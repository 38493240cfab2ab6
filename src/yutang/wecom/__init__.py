"""WeCom as the shop knows it: what it told, who is whose friend since when, groups and their members, tags."""
