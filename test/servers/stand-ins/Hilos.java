import java.io.*;
import java.net.*;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;

/** A chat server as many lessons for Java have it: a thread for each client, readUTF and writeUTF. */
public class Hilos {
  static final Map<DataOutputStream, String> names = new ConcurrentHashMap<>();

  static synchronized void tell(String text) {
    for (DataOutputStream out : names.keySet()) {
      try {
        out.writeUTF(text);
      } catch (IOException e) {
        names.remove(out);
      }
    }
  }

  static void serve(Socket socket) {
    String name = "";
    try (socket) {
      var in = new DataInputStream(socket.getInputStream());
      var out = new DataOutputStream(socket.getOutputStream());
      out.writeUTF("Escribe tu nombre:");
      name = in.readUTF();
      names.put(out, name);
      tell(name + " se ha unido al chat");
      try {
        while (true) tell(name + ": " + in.readUTF());
      } finally {
        names.remove(out);
        tell(name + " ha salido del chat");
      }
    } catch (EOFException e) {
      System.err.println("fin de " + name);
    } catch (IOException e) {
      System.err.println(e);
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
