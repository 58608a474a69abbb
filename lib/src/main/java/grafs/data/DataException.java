package grafs.data;

import java.util.Locale;

/** Data that is missing, broken or unknown; the message says where and what to do about it. */
public class DataException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception for data that was read and is wrong.
   *
   * @param message what is wrong, where, and what to do
   */
  public DataException(String message) {
    super(message);
  }

  /**
   * Creates an exception for data that could not be read.
   *
   * @param message what is wrong, where, and what to do
   * @param cause the failure underneath
   */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Returns a number as messages show it: {@code 30 730 000}.
   *
   * @param number a number of bytes, images or tokens
   * @return the number with its digits in groups of three
   */
  public static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
  }
}
