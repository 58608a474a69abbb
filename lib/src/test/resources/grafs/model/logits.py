"""Writes logits.json: the logits that three networks of the paper (arXiv 2408.06820) have in PyTorch.

The function uniform makes the inputs and weights. Tests in Java set the same ones, and compare the logits.
Run with PyTorch 1.13 or later: python3 logits.py > logits.json. The weights have the names that they have in
vit_small.py of the repository vision-transformers-cifar10, and in nanoGPT.
"""

import json
import math

import numpy
import torch
import torch.nn.functional as F


def uniform(number, *shape):
    """Returns a tensor of values in [-0.5, 0.5). A value depends only on its index and on `number`, a kind of seed."""
    place = numpy.arange(math.prod(shape), dtype=numpy.uint64)
    mask = numpy.uint64(0xFFFFFFFF)
    h = (place * numpy.uint64(2654435761) + numpy.uint64(number * 97003 + 1)) & mask
    h ^= h >> numpy.uint64(15)
    h = (h * numpy.uint64(2246822519)) & mask
    h ^= h >> numpy.uint64(13)
    values = h.astype(numpy.float64) / 2**32 - 0.5
    return torch.from_numpy(values.astype(numpy.float32)).reshape(shape)


class Weights:
    """The weights of a network, added in the order of its state dict. Their values come from `uniform`."""

    def __init__(self):
        self.tensors = {}

    def add(self, name, *shape):
        u = uniform(len(self.tensors), *shape)
        if len(shape) == 2:
            u = u * (4 / math.sqrt(shape[1]))
        elif len(shape) == 1 and name.endswith("weight"):
            u = u + 1
        elif name.endswith("temperature"):
            u = u - 2
        self.tensors[name] = u

    def linear(self, x, place):
        return F.linear(x, self.tensors[place + ".weight"], self.tensors.get(place + ".bias"))

    def norm(self, x, place):
        weight = self.tensors[place + ".weight"]
        return F.layer_norm(x, weight.shape, weight, self.tensors.get(place + ".bias"))


def pair(weights, name, *shape):
    weights.add(name + ".weight", *shape)
    weights.add(name + ".bias", shape[0])


def vit(depth, heads, hidden, images, classes=10, width=512, patch=4):
    w = Weights()
    side = images.shape[2] // patch
    w.add("pos_embedding", 1, side * side + 1, width)
    w.add("cls_token", 1, 1, width)
    pair(w, "to_patch_embedding.to_patch_tokens.1", 15 * patch * patch)
    pair(w, "to_patch_embedding.to_patch_tokens.2", width, 15 * patch * patch)
    for layer in range(depth):
        place = f"transformer.layers.{layer}"
        pair(w, place + ".0.norm", width)
        w.add(place + ".0.fn.temperature")
        w.add(place + ".0.fn.to_qkv.weight", 3 * heads * 64, width)
        pair(w, place + ".0.fn.to_out.0", width, heads * 64)
        pair(w, place + ".1.norm", width)
        pair(w, place + ".1.fn.net.0", hidden, width)
        pair(w, place + ".1.fn.net.3", width, hidden)
    pair(w, "mlp_head.0", width)
    pair(w, "mlp_head.1", classes, width)

    # The images, and copies of them moved by one pixel to the right, left, down and up. The row or column that becomes
    # free is black.
    moved = [images]
    for axis, step in ((3, 1), (3, -1), (2, 1), (2, -1)):
        copy = images.roll(step, axis)
        copy.select(axis, 0 if step > 0 else -1).zero_()
        moved.append(copy)
    stack = torch.cat(moved, 1)
    tokens = []
    for row in range(side):
        for column in range(side):
            cut = stack[:, :, patch * row : patch * (row + 1), patch * column : patch * (column + 1)]
            tokens.append(cut.permute(0, 2, 3, 1).flatten(1))
    x = torch.stack(tokens, 1)
    x = w.norm(x, "to_patch_embedding.to_patch_tokens.1")
    x = w.linear(x, "to_patch_embedding.to_patch_tokens.2")
    first = w.tensors["cls_token"].expand(len(images), 1, width)
    x = torch.cat([first, x], 1) + w.tensors["pos_embedding"]
    for layer in range(depth):
        place = f"transformer.layers.{layer}"
        qkv = w.linear(w.norm(x, place + ".0.norm"), place + ".0.fn.to_qkv")
        outputs = []
        for head in range(heads):
            q, k, v = (qkv[:, :, 64 * (heads * i + head) :][:, :, :64] for i in range(3))
            scores = q @ k.transpose(1, 2) * w.tensors[place + ".0.fn.temperature"].exp()
            itself = torch.eye(x.shape[1], dtype=torch.bool)
            outputs.append(scores.masked_fill(itself, -math.inf).softmax(2) @ v)
        x = x + w.linear(torch.cat(outputs, 2), place + ".0.fn.to_out.0")
        inner = F.gelu(w.linear(w.norm(x, place + ".1.norm"), place + ".1.fn.net.0"))
        x = x + w.linear(inner, place + ".1.fn.net.3")
    return w.linear(w.norm(x[:, 0], "mlp_head.0"), "mlp_head.1")


def gpt(depth, heads, width, ids, vocabulary=50, context=16):
    w = Weights()
    w.add("transformer.wte.weight", vocabulary, width)
    w.add("transformer.wpe.weight", context, width)
    for layer in range(depth):
        place = f"transformer.h.{layer}"
        w.add(place + ".ln_1.weight", width)
        w.add(place + ".attn.c_attn.weight", 3 * width, width)
        w.add(place + ".attn.c_proj.weight", width, width)
        w.add(place + ".ln_2.weight", width)
        w.add(place + ".mlp.c_fc.weight", 4 * width, width)
        w.add(place + ".mlp.c_proj.weight", width, 4 * width)
    w.add("transformer.ln_f.weight", width)

    length = ids.shape[1]
    x = w.tensors["transformer.wte.weight"][ids] + w.tensors["transformer.wpe.weight"][:length]
    size = width // heads
    later = torch.ones(length, length, dtype=torch.bool).triu(1)
    for layer in range(depth):
        place = f"transformer.h.{layer}"
        qkv = w.linear(w.norm(x, place + ".ln_1"), place + ".attn.c_attn")
        outputs = []
        for head in range(heads):
            q, k, v = (qkv[:, :, size * (heads * i + head) :][:, :, :size] for i in range(3))
            scores = q @ k.transpose(1, 2) / math.sqrt(size)
            outputs.append(scores.masked_fill(later, -math.inf).softmax(2) @ v)
        x = x + w.linear(torch.cat(outputs, 2), place + ".attn.c_proj")
        inner = F.gelu(w.linear(w.norm(x, place + ".ln_2"), place + ".mlp.c_fc"))
        x = x + w.linear(inner, place + ".mlp.c_proj")
    return F.linear(w.norm(x, "transformer.ln_f"), w.tensors["transformer.wte.weight"])[:, -1]


torch.set_num_threads(1)
images = 4 * uniform(1000, 3, 3, 32, 32)
ids = ((uniform(1001, 2, 16) + 0.5) * 50).long()
logits = {
    "ViT-Ti": vit(4, 6, 256, images),
    "ViT-S": vit(6, 8, 512, images),
    "miniGPT": gpt(3, 3, 192, ids),
}
print(json.dumps({name: tensor.flatten().tolist() for name, tensor in logits.items()}))
