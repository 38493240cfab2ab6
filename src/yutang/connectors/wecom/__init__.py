"""WeCom (企业微信): the client of its server API, the opening of its callbacks, and a simulator of both."""
