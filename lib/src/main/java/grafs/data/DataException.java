package grafs.data;

import java.util.Locale;

/**
 * Thrown if a data set or a file of it is missing, damaged or unknown, or cannot be downloaded. The
 * message says what is wrong, in which file, and what the user can do about it.
 */
public class DataException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception for an error that no other exception caused, such as an unknown name or a
   * wrong checksum.
   *
   * @param message what is wrong, where, and what to do
   */
  public DataException(String message) {
    super(message);
  }

  /**
   * Creates an exception for an error that another exception caused, such as a failure to read a
   * file.
   *
   * @param message what is wrong, where, and what to do
   * @param cause the exception that caused the error
   */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Formats a number for a message: {@code 30 730 000}.
   *
   * @param number a number of bytes, images or tokens
   * @return its digits in groups of three, with spaces between them
   */
  public static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
  }
}
