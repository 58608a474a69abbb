package grafs.data;

import java.util.List;

/** What the classes of the published sets are called, by label. */
final class ClassNames {

  static final List<String> CIFAR10 =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  /** The fine labels, as {@code fine_label_names.txt} of the published archive has them. */
  static final List<String> CIFAR100 =
      List.of(
          """
          apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle
          bowl boy bridge bus butterfly camel can castle caterpillar cattle
          chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur
          dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard
          lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain
          mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree
          plain plate poppy porcupine possum rabbit raccoon ray road rocket
          rose sea seal shark shrew skunk skyscraper snail snake spider
          squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor
          train trout tulip turtle wardrobe whale willow_tree wolf woman worm
          """
              .split("\\s+"));

  static final List<String> FASHION =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  static final List<String> DIGITS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

  private ClassNames() {}
}
