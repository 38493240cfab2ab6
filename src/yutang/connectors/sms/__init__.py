"""Short messages: the gateways of Aliyun and Tencent behind one protocol, what they push back, and a simulator of both."""
