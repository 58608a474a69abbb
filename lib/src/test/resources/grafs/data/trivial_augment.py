"""Writes trivial_augment.json: a small image after each operation of TrivialAugmentWide, computed by Pillow.

TrivialAugmentWide is a data augmentation: it changes an image by one of 14 operations at a strength s, an integer from
0 to 30, which some operations also take with a minus sign. The factors below convert s to the magnitudes that
torchvision documents, for example s = 30 to a shear of 0.99. Each operation is computed at three strengths, and those
that take a sign also at -9. Tests in Java compare the library's operations with these images.

Run with Pillow 9 or later: python3 trivial_augment.py > trivial_augment.json.
"""

import json

from PIL import Image, ImageEnhance, ImageOps

WIDTH, HEIGHT = 12, 10


def picture():
    image = Image.new("RGB", (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            image.putpixel(
                (x, y), tuple(20 + (x * x * 7 + y * y * 5 + 53 * c + x * y * 11) % 201 for c in range(3))
            )
    return image


def affine(image, *matrix):
    return image.transform(image.size, Image.AFFINE, matrix, Image.NEAREST)


def enhanced(kind):
    return lambda image, s: kind(image).enhance(1 + 0.99 * s / 30)


OPERATIONS = {
    "IDENTITY": lambda image, s: image,
    "SHEAR_X": lambda image, s: affine(image, 1, 0.99 * s / 30, 0, 0, 1, 0),
    "SHEAR_Y": lambda image, s: affine(image, 1, 0, 0, 0.99 * s / 30, 1, 0),
    "TRANSLATE_X": lambda image, s: affine(image, 1, 0, -int(32 * s / 30), 0, 1, 0),
    "TRANSLATE_Y": lambda image, s: affine(image, 1, 0, 0, 0, 1, -int(32 * s / 30)),
    "ROTATE": lambda image, s: image.rotate(135 * s / 30, Image.NEAREST),
    "BRIGHTNESS": enhanced(ImageEnhance.Brightness),
    "COLOR": enhanced(ImageEnhance.Color),
    "CONTRAST": enhanced(ImageEnhance.Contrast),
    "SHARPNESS": enhanced(ImageEnhance.Sharpness),
    "POSTERIZE": lambda image, s: ImageOps.posterize(image, 8 - round(s / 5)),
    "SOLARIZE": lambda image, s: ImageOps.solarize(image, 255 - 255 * s / 30),
    "AUTO_CONTRAST": lambda image, s: ImageOps.autocontrast(image),
    "EQUALIZE": lambda image, s: ImageOps.equalize(image),
}

SIGNED = list(OPERATIONS)[1:10]
made = {}
for name, operation in OPERATIONS.items():
    for strength in (2, 9, 29, -9) if name in SIGNED else (2, 9, 29):
        changed = operation(picture(), strength)
        planes = b"".join(channel.tobytes() for channel in changed.split())
        made[f"{name} {strength}"] = planes.hex()
print(json.dumps(made, indent=0))
