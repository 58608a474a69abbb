package grafs.nas;

import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.atomic.AtomicLong;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.dynamic.loading.ClassReloadingStrategy;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * Counts how often DJL moves numbers between tensors and Java. All that reads a tensor, be it a
 * number or an array, and all that makes one of Java's numbers goes through one method each.
 */
public final class HostTraffic {

  /** Reads of tensors since the program began, or since they were set to 0. */
  public static final AtomicLong READS = new AtomicLong();

  /** Tensors made of Java's numbers. */
  public static final AtomicLong UPLOADS = new AtomicLong();

  private HostTraffic() {}

  /** Begins to count; once for all tests. */
  static void count() {
    Holder.installed();
  }

  private static final class Holder {

    static {
      ByteBuddyAgent.install();
      new ByteBuddy()
          .redefine(JniUtils.class)
          .visit(Advice.to(Read.class).on(ElementMatchers.named("getByteBuffer")))
          .visit(Advice.to(Upload.class).on(ElementMatchers.named("createNdFromByteBuffer")))
          .make()
          .load(JniUtils.class.getClassLoader(), ClassReloadingStrategy.fromInstalledAgent());
    }

    static void installed() {}
  }

  /** What is put before a read. */
  static final class Read {
    private Read() {}

    @Advice.OnMethodEnter
    static void enter() {
      READS.incrementAndGet();
    }
  }

  /** What is put before an upload. */
  static final class Upload {
    private Upload() {}

    @Advice.OnMethodEnter
    static void enter() {
      UPLOADS.incrementAndGet();
    }
  }
}
