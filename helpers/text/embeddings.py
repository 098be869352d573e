class Encoder:
    def __init__(self, vectors, tokenizer):
        self.vectors, self.tokenizer = vectors, tokenizer
