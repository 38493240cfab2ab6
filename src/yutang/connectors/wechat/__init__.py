"""WeChat's official accounts: who a visitor of a page is. With a simulator that plays the authorising page and the exchange."""
