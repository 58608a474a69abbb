package grafs.data.fetch;

/** Hears how fetching goes. */
interface Observer {

  /** Something happened that a person wants to know; one line. */
  void say(String line);

  /** So many bytes of a file are here; called often. */
  void progress(String file, long done, long size);
}
