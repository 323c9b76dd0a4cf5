import java.io.*;
import java.net.*;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;

/** A chat server that says the same bytes as many lessons for Java: SUBMITNAME, NAMEACCEPTED, MESSAGE. */
public class Submitname {
  static final Map<String, PrintWriter> writers = new ConcurrentHashMap<>();

  static void tell(String line) {
    for (PrintWriter writer : writers.values()) writer.println("MESSAGE " + line);
  }

  static void serve(Socket socket) {
    String name = null;
    try (socket) {
      var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), "UTF-8"));
      var out = new PrintWriter(new OutputStreamWriter(socket.getOutputStream(), "UTF-8"), true);
      String wanted;
      do {
        out.println("SUBMITNAME");
        wanted = in.readLine();
        if (wanted == null) return;
      } while (wanted.isBlank() || writers.containsKey(wanted));
      name = wanted;
      out.println("NAMEACCEPTED " + name);
      tell(name + " has joined");
      writers.put(name, out);
      for (String line; (line = in.readLine()) != null; ) tell(name + ": " + line);
    } catch (IOException e) {
      System.err.println(e);
    } finally {
      if (name != null) {
        writers.remove(name);
        tell(name + " has left");
      }
    }
  }

  public static void main(String[] args) throws IOException {
    try (var door = new ServerSocket(Integer.parseInt(args[0]), 50, InetAddress.getByName("127.0.0.1"))) {
      System.out.println("Servidor escuchando en 127.0.0.1:" + args[0]);
      while (true) {
        Socket socket = door.accept();
        new Thread(() -> serve(socket)).start();
      }
    }
  }
}
