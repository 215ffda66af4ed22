// SPDX-License-Identifier: Apache-2.0
// Holds a family of certificates, one of each profile, against BouncyCastle.
//
//   java Certificates good root.cer ca.cer leaf.cer…      every leaf leads to the root
//   java Certificates bad root.cer ca.cer leaf.cer…       none does
//
// A leaf is good when it decodes wholly and to the same bytes, ca has signed it (SM2 under the standard's id), it is in
// force, is no CA, and its key usage is one of signature or of encryption. Prints "ok - …" a file; exits with 1 at the first
// that is not as said.
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Date;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

public class Certificates {
    static X509Certificate read(byte[] bytes) throws Exception {
        byte[] again = Certificate.getInstance(bytes).getEncoded("DER");
        if (!Arrays.equals(bytes, again)) throw new Exception("not DER");
        return (X509Certificate) CertificateFactory.getInstance("X.509", "BC").generateCertificate(new ByteArrayInputStream(bytes));
    }

    static X509Certificate load(String path) throws Exception {
        return read(Files.readAllBytes(Path.of(path)));
    }

    // Throws for whatever is not as it must be.
    static void link(X509Certificate cert, X509Certificate issuer) throws Exception {
        cert.verify(issuer.getPublicKey(), "BC");
        if (!cert.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) throw new Exception("issuer's name");
        cert.checkValidity(new Date());
    }

    static void leaf(X509Certificate cert) throws Exception {
        boolean[] usage = cert.getKeyUsage();
        if (cert.getBasicConstraints() != -1) throw new Exception("a CA");
        if (usage[5] || usage[6] || (usage[0] || usage[1]) == (usage[2] || usage[3] || usage[4])) throw new Exception("key usage");
        if (new X509CertificateHolder(cert.getEncoded()).getVersionNumber() != 3) throw new Exception("version");
    }

    static String fault(String path, X509Certificate ca) {
        try {
            X509Certificate cert = load(path);
            link(cert, ca);
            leaf(cert);
            return null;
        } catch (Exception e) {
            return String.valueOf(e.getMessage());
        }
    }

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        boolean good = args[0].equals("good");
        X509Certificate root = load(args[1]), ca = load(args[2]);
        link(root, root);
        link(ca, root);
        if (ca.getBasicConstraints() != 0 || root.getBasicConstraints() < 1) throw new Exception("constraints of the CAs");
        for (String path : Arrays.copyOfRange(args, 3, args.length)) {
            String fault = fault(path, ca);
            boolean right = (fault == null) == good;
            System.out.println((right ? "ok - " : "not ok - ") + path + (fault == null ? "" : ": " + fault));
            if (!right) System.exit(1);
        }
    }
}
