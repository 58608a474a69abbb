"""Writes optimizer_steps.json: the weights of a small network after fifty steps of each of three optimizers of PyTorch.

Tests in Java compare the library's optimizers with them.

Run with PyTorch 1.13 or later: python3 optimizer_steps.py > optimizer_steps.json
"""

import json
import math

import torch

STEPS = 50
SHAPES = {"w1": (4, 3), "b1": (4,), "w2": (2, 4), "b2": (2,)}


def numbers(first, *shape):
    """Returns a float64 tensor of this shape with the values sin(first), sin(first + 1), ..."""
    count = math.prod(shape)
    values = [math.sin(first + i) for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def nanogpt_rate(step):
    """Returns nanoGPT's learning rate (get_lr): 5 steps of warm-up to 0.02, then a cosine down to 0.002."""
    if step < 5:
        return 0.02 * step / 5
    ratio = (step - 5) / (STEPS - 5)
    return 0.002 + 0.5 * (1 + math.cos(math.pi * ratio)) * (0.02 - 0.002)


def train(make_optimizer, make_schedule, clip):
    weights = {
        name: numbers(100 * i, *shape).requires_grad_()
        for i, (name, shape) in enumerate(SHAPES.items())
    }
    optimizer = make_optimizer(weights)
    schedule = make_schedule(optimizer)
    x, y = numbers(1000, 6, 3), numbers(2000, 6, 2)
    for _ in range(STEPS):
        optimizer.zero_grad()
        hidden = torch.tanh(x @ weights["w1"].T + weights["b1"])
        output = hidden @ weights["w2"].T + weights["b2"]
        (output - y).square().mean().backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(weights.values(), clip)
        optimizer.step()
        schedule.step()
    return {name: weight.flatten().tolist() for name, weight in weights.items()}


def adamw(weights):
    matrices = {"params": [weights["w1"], weights["w2"]], "weight_decay": 0.1}
    vectors = {"params": [weights["b1"], weights["b2"]], "weight_decay": 0.0}
    # The schedule multiplies lr by the learning rate of each step, so lr is 1.
    return torch.optim.AdamW([matrices, vectors], lr=1.0, betas=(0.9, 0.99))


after = {
    "SGD": train(
        lambda w: torch.optim.SGD(w.values(), lr=0.1, momentum=0.9, weight_decay=1e-2),
        lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [25, 37]),
        None,
    ),
    "Adam": train(
        lambda w: torch.optim.Adam(w.values(), lr=0.01),
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, STEPS),
        None,
    ),
    "AdamW": train(adamw, lambda o: torch.optim.lr_scheduler.LambdaLR(o, nanogpt_rate), 0.3),
}
print(json.dumps(after, indent=1))
