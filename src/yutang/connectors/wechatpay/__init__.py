"""WeChat Pay v3: a thin client that believes nothing unsigned, what it pushes, and a gateway of this machine to try it on."""
