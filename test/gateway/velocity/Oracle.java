// Renders templates with Apache Velocity as it comes: one JSON-free protocol, texts parted by NUL on both sides.
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

public class Oracle {
  public static void main(String[] args) throws Exception {
    VelocityEngine engine = new VelocityEngine();
    engine.init();
    String all = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    StringBuilder out = new StringBuilder();
    for (String template : all.split("\0", -1)) {
      StringWriter writer = new StringWriter();
      try {
        engine.evaluate(context(), writer, "template", template);
        out.append("=").append(writer);
      } catch (Exception error) {
        out.append("!").append(error.getClass().getSimpleName());
      }
      out.append("\0");
    }
    System.out.write(out.toString().getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  static VelocityContext context() {
    VelocityContext context = new VelocityContext();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("a", 1);
    map.put("b", "two");
    map.put("list", new ArrayList<>(List.of(1, 2, 3)));
    context.put("text", "Hello");
    context.put("no", "");
    context.put("n", 5);
    context.put("d", 2.5);
    context.put("yes", true);
    context.put("list", new ArrayList<>(List.of("x", "y", "z")));
    context.put("map", map);
    context.put("none", new ArrayList<>());
    return context;
  }
}
