// SPDX-License-Identifier: Apache-2.0
// Holds an electronic seal (SESeal, GB/T 38540-2020 version 4) against BouncyCastle, which shares no code with OpenSSL. The
// structure is taken apart here by hand.
//
//   java Seal seal.esl maker.cer holder.cer [seconds]      the moment at which it is judged; now where there is none
//
// Checked, in the standard's order: structure; the maker's signature, SM2 with SM3 under the id 1234567812345678 and under no
// other; the maker, which is the one given and may sign; the dates; who may use it; the picture, a PNG of the size that
// the seal says. Environment SES_ID: another id to try. Prints "ok - …" a check; exits with 1 at the first that fails.
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Date;
import java.util.Enumeration;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithID;
import org.bouncycastle.crypto.signers.SM2Signer;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

public class Seal {
    static final String ID = "1234567812345678";

    static void check(boolean good, String what) {
        System.out.println((good ? "ok - " : "not ok - ") + what);
        if (!good) System.exit(1);
    }

    static X509Certificate certificate(byte[] der) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509", "BC");
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    }

    static boolean signed(X509Certificate by, byte[] id, byte[] bytes, byte[] signature) throws Exception {
        SM2Signer signer = new SM2Signer();
        ECPublicKeyParameters key = (ECPublicKeyParameters) PublicKeyFactory.createKey(by.getPublicKey().getEncoded());
        signer.init(false, new ParametersWithID(key, id));
        signer.update(bytes, 0, bytes.length);
        return signer.verifySignature(signature);
    }

    static Date time(ASN1Encodable e) throws Exception { return ASN1GeneralizedTime.getInstance(e).getDate(); }
    static int number(ASN1Encodable e) { return ASN1Integer.getInstance(e).intValueExact(); }

    // Width and height in millimetres by IHDR and pHYs of a PNG.
    static int[] millimetres(byte[] png) {
        byte[] magic = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
        check(png.length > 33 && Arrays.equals(Arrays.copyOf(png, 8), magic), "the picture is a PNG");
        ByteBuffer in = ByteBuffer.wrap(png);
        int width = in.getInt(16), height = in.getInt(20);
        check(png[25] == 6, "with transparency");
        for (int at = 8; at + 12 <= png.length; at += 12 + in.getInt(at))
            if (in.getInt(at + 4) == 0x70485973) // pHYs
                return new int[] {(int) Math.round(1000.0 * width / in.getInt(at + 8)), (int) Math.round(1000.0 * height / in.getInt(at + 12))};
        return new int[] {0, 0};
    }

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        byte[] der = Files.readAllBytes(Path.of(args[0]));
        byte[] makerFile = Files.readAllBytes(Path.of(args[1])), holder = Files.readAllBytes(Path.of(args[2]));
        Date at = args.length > 3 ? new Date(Long.parseLong(args[3]) * 1000) : new Date();
        byte[] id = System.getenv().getOrDefault("SES_ID", ID).getBytes();

        ASN1Sequence seal = null, info = null;
        try {
            ASN1Primitive whole = ASN1Primitive.fromByteArray(der);
            seal = ASN1Sequence.getInstance(whole);
            check(Arrays.equals(whole.getEncoded(ASN1Encoding.DER), der), "it is DER");
            info = ASN1Sequence.getInstance(seal.getObjectAt(0));
        } catch (Exception e) {
            check(false, "structure");
        }
        check(seal.size() == 4 && info.size() == 4, "SESeal of four, SES_SealInfo of four without extensions");

        ASN1Sequence header = ASN1Sequence.getInstance(info.getObjectAt(0));
        check(ASN1IA5String.getInstance(header.getObjectAt(0)).getString().equals("ES") && number(header.getObjectAt(1)) == 4, "header ES, version 4");
        check(ASN1IA5String.getInstance(info.getObjectAt(1)).getString().length() > 0, "it has a number");

        X509Certificate maker = certificate(ASN1OctetString.getInstance(seal.getObjectAt(1)).getOctets());
        check(ASN1ObjectIdentifier.getInstance(seal.getObjectAt(2)).getId().equals("1.2.156.10197.1.501"), "SM2 with SM3");
        byte[] tbs = info.getEncoded(ASN1Encoding.DER), signature = ASN1BitString.getInstance(seal.getObjectAt(3)).getOctets();
        check(signed(maker, id, tbs, signature), "the maker's signature under the id");
        check(!signed(maker, new byte[0], tbs, signature), "and not under the empty one");

        check(Arrays.equals(maker.getEncoded(), makerFile), "the maker is the one given");
        boolean[] usage = maker.getKeyUsage();
        check(usage != null && usage[0] && !usage[5] && maker.getBasicConstraints() < 0, "whose certificate is one to sign with, and no CA's");

        ASN1Sequence property = ASN1Sequence.getInstance(info.getObjectAt(2));
        check(property.size() == 7 && ASN1UTF8String.getInstance(property.getObjectAt(1)).getString().length() > 0, "property of seven, with a name");
        Date created = time(property.getObjectAt(4)), start = time(property.getObjectAt(5)), end = time(property.getObjectAt(6));
        maker.checkValidity(created);
        check(!created.after(start) && start.before(end), "the dates are in order, made while the maker's certificate was in force");
        check(!at.before(start) && !at.after(end), "it is valid at the moment");
        check(number(property.getObjectAt(2)) == 1, "the list is of certificates");
        boolean there = false;
        for (Enumeration<?> e = ASN1Sequence.getInstance(property.getObjectAt(3)).getObjects(); e.hasMoreElements();)
            there |= Arrays.equals(ASN1OctetString.getInstance(e.nextElement()).getOctets(), holder);
        check(there, "the holder's certificate is in it");
        check(!certificate(holder).getNotAfter().before(end), "and lasts as long as the seal");

        ASN1Sequence picture = ASN1Sequence.getInstance(info.getObjectAt(3));
        check(picture.size() == 4 && ASN1IA5String.getInstance(picture.getObjectAt(0)).getString().equals("PNG"), "a picture, PNG");
        int[] mm = millimetres(ASN1OctetString.getInstance(picture.getObjectAt(1)).getOctets());
        check(number(picture.getObjectAt(2)) == mm[0] && number(picture.getObjectAt(3)) == mm[1] && mm[0] > 0, "of the size that the seal says, " + mm[0] + " mm");
    }
}
