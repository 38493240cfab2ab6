"""Pure maths of experiments: who falls into which arm is chance, and this tells what chance alone would do."""
