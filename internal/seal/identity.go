package seal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// Identity is the secret half of a key. However it is printed, logged or encoded, it comes out as "[identity]";
// only WriteIdentity and SealIdentity give it away.
type Identity struct {
	reveal func() key // a function, so that it does not print even as an unexported field of somebody else's struct
}

type key struct {
	age    age.Identity
	secret string
	public Recipient
}

const redactedIdentity = "[identity]"

func (Identity) LogValue() slog.Value         { return slog.StringValue(redactedIdentity) }
func (Identity) Format(f fmt.State, _ rune)   { io.WriteString(f, redactedIdentity) }
func (Identity) String() string               { return redactedIdentity }
func (Identity) MarshalText() ([]byte, error) { return []byte(redactedIdentity), nil }

// Recipient gives the public half.
func (i Identity) Recipient() Recipient {
	if i.reveal == nil {
		return Recipient{}
	}
	return i.reveal().public
}

// Identities are the keys that a person holds.
type Identities struct{ list []Identity }

// NewIdentities makes a list of identities, as generated or parsed.
func NewIdentities(list ...Identity) Identities { return Identities{slices.Clone(list)} }

// List gives the identities.
func (with Identities) List() []Identity { return slices.Clone(with.list) }

func (with Identities) keys() []age.Identity {
	var keys []age.Identity
	for _, i := range with.list {
		keys = append(keys, i.reveal().age)
	}
	return keys
}

// GenerateIdentity makes a hybrid identity.
func GenerateIdentity() (Identity, error) {
	i, err := age.GenerateHybridIdentity()
	if err != nil {
		return Identity{}, fmt.Errorf("making an identity: %w", err)
	}
	return hybrid(i), nil
}

// GenerateClassicIdentity makes a classic identity, for partners whose age client is older than version 1.3. What
// is sealed to it can be opened by a later quantum computer.
func GenerateClassicIdentity() (Identity, error) {
	i, err := age.GenerateX25519Identity()
	if err != nil {
		return Identity{}, fmt.Errorf("making an identity: %w", err)
	}
	return classic(i), nil
}

func newIdentity(k key) Identity { return Identity{func() key { return k }} }

func hybrid(i *age.HybridIdentity) Identity {
	return newIdentity(key{i, i.String(), Recipient{i.Recipient().String()}})
}

func classic(i *age.X25519Identity) Identity {
	return newIdentity(key{i, i.String(), Recipient{i.Recipient().String()}})
}

// parseIdentity reads one identity. Its errors say nothing of the text.
func parseIdentity(s string) (Identity, error) {
	switch {
	case strings.HasPrefix(s, secretPrefix+"PQ-1"):
		if i, err := age.ParseHybridIdentity(s); err == nil {
			return hybrid(i), nil
		}
	case strings.HasPrefix(s, secretPrefix+"1"):
		if i, err := age.ParseX25519Identity(s); err == nil {
			return classic(i), nil
		}
	case strings.HasPrefix(s, classicPrefix):
		return Identity{}, fmt.Errorf("%w but a recipient; give the file with the line that begins with %s", ErrIdentity, secretPrefix)
	default:
		return Identity{}, fmt.Errorf("%w: it does not begin with %s", ErrIdentity, secretPrefix)
	}
	return Identity{}, fmt.Errorf("%w: a character is wrong, missing or too many", ErrIdentity)
}

// Passphrase asks for a passphrase. It is called only when one is needed.
type Passphrase func() (string, error)

// ParseIdentities reads an identity file, as age-keygen and rostrum keygen write them: one identity on each line.
// A file that a passphrase protects is opened with what ask gives; ask may be nil. Errors wrap ErrIdentity,
// ErrNoPhrase, ErrPassphrase or ErrDamaged, or are those of in or ask.
func ParseIdentities(in io.Reader, ask Passphrase) (Identities, error) {
	with, err := parseIdentities(in, ask)
	if err != nil {
		return Identities{}, fmt.Errorf("reading identities: %w", err)
	}
	return with, nil
}

func parseIdentities(in io.Reader, ask Passphrase) (Identities, error) {
	b := bufio.NewReader(in)
	if IsSealed([]byte(peek(b))) {
		if ask == nil {
			return Identities{}, ErrNoPhrase
		}
		phrase, err := ask()
		if err != nil {
			return Identities{}, err
		}
		if in, err = OpenWithPassphrase(b, phrase); err != nil {
			return Identities{}, err
		}
	} else {
		in = b
	}
	var with Identities
	err := keyLines(in, ErrIdentity, func(line string) error {
		i, err := parseIdentity(line)
		with.list = append(with.list, i)
		return err
	})
	if err == nil && len(with.list) == 0 {
		err = fmt.Errorf("%w: no line begins with %s", ErrIdentity, secretPrefix)
	}
	if err != nil {
		return Identities{}, err
	}
	return with, nil
}

// OpenWithPassphrase opens an envelope that was sealed with a passphrase. Errors wrap ErrPassphrase, ErrNotSealed,
// ErrNoMatch (it opens with keys) or ErrDamaged.
func OpenWithPassphrase(src io.Reader, phrase string) (io.Reader, error) {
	key, err := age.NewScryptIdentity(phrase)
	if err != nil {
		return nil, fmt.Errorf("opening: %w: it is empty", ErrPassphrase)
	}
	r, err := open(src, key)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) && len(none.StanzaTypes) == 1 && none.StanzaTypes[0] == "scrypt" {
		return nil, fmt.Errorf("opening: %w", ErrPassphrase)
	}
	if err != nil {
		return nil, fmt.Errorf("opening: %w", judge(err))
	}
	return r, nil
}

// WriteIdentity writes an identity file. The note stands in it as a comment and may be empty.
func WriteIdentity(out io.Writer, i Identity, note string) error {
	if strings.ContainsAny(note, "\r\n") {
		return errors.New("writing an identity: the note has several lines")
	}
	if i.reveal == nil {
		return fmt.Errorf("writing an identity: %w: there is none", ErrIdentity)
	}
	k := i.reveal()
	var b bytes.Buffer
	if note != "" {
		fmt.Fprintf(&b, "# %s\n", note)
	}
	fmt.Fprintf(&b, "# public key: %s\n%s\n", k.public, k.secret)
	_, err := out.Write(b.Bytes())
	return err
}

// SealIdentity writes an identity file that a passphrase protects (scrypt, as age does), armoured. It takes about a
// second and a quarter of a gigabyte of memory, on purpose.
func SealIdentity(out io.Writer, i Identity, note, phrase string) error {
	to, err := age.NewScryptRecipient(phrase)
	if err != nil {
		return fmt.Errorf("sealing an identity: %w: it is empty", ErrPassphrase)
	}
	a := armor.NewWriter(out)
	w, err := age.Encrypt(a, to)
	if err != nil {
		return fmt.Errorf("sealing an identity: %w", err)
	}
	if err := WriteIdentity(w, i, note); err != nil {
		return err
	}
	return armored{w, a}.Close()
}
