"""Between the document and torch. Its modules import torch: import them where they are needed, not before."""
