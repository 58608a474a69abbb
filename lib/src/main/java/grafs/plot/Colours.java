package grafs.plot;

import java.util.List;

/** The colours of lines and points. */
final class Colours {

  /** Okabe and Ito's, told apart with any kind of colour vision. */
  static final List<String> LINES =
      List.of("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000");

  /** Of what lies behind. */
  static final String GROUND = "#b0b0b0";

  private Colours() {}
}
