"""Channel codes: where each hangs or lies, who answers when, who came by it, who stayed, and what each of them cost."""
