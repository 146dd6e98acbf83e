public class JavaProbe {
    public static void main(String[] words) {
        System.out.print(System.getProperty("os.version"));
    }
}
