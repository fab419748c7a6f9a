package ledger

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Key signs the record's checkpoints. Its name is the record's origin.
type Key struct {
	signer   note.Signer
	verifier note.Verifier
	// Verifier is the public half as text, the one line of /log/key.
	Verifier string
}

// Name is the origin that the key signs for.
func (k *Key) Name() string { return k.signer.Name() }

// GenerateKey draws a signing key for origin. The text is secret; NewKey reads it.
func GenerateKey(random io.Reader, origin string) (secret string, err error) {
	secret, _, err = note.GenerateKey(random, origin)
	if err != nil {
		return "", fmt.Errorf("drawing the record's signing key: %w", err)
	}
	if _, err := note.NewSigner(secret); err != nil {
		return "", fmt.Errorf("drawing the record's signing key: the origin %q must not be empty and must hold no space and no plus sign", origin)
	}
	return secret, nil
}

// NewKey reads a signing key (C2SP signed-note, "PRIVATE+KEY+…").
func NewKey(secret string) (*Key, error) {
	secret = strings.TrimSuffix(secret, "\n")
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, errors.New("this is not a signing key of a record: it should begin with PRIVATE+KEY+ and be unchanged")
	}
	// note.NewSigner has checked the form: PRIVATE+KEY+name+hash+base64, and only the last field may hold a plus.
	encoded := strings.SplitN(secret, "+", 5)[4]
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return nil, errors.New("this signing key is not an Ed25519 key")
	}
	public := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	text, err := note.NewEd25519VerifierKey(signer.Name(), public)
	if err != nil {
		return nil, fmt.Errorf("deriving the verifier key: %w", err)
	}
	verifier, err := note.NewVerifier(text)
	if err != nil {
		return nil, fmt.Errorf("deriving the verifier key: %w", err)
	}
	if verifier.KeyHash() != signer.KeyHash() {
		return nil, errors.New("this signing key does not belong to its name")
	}
	return &Key{signer: signer, verifier: verifier, Verifier: text}, nil
}

// OpenKey reads the signing key from a file that only its owner can read, or draws one and writes the file when
// there is none.
func OpenKey(path, origin string, random io.Reader) (*Key, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		secret, err := GenerateKey(random, origin)
		if err != nil {
			return nil, err
		}
		if err := createSecret(path, []byte(secret+"\n")); err != nil {
			return nil, fmt.Errorf("writing the record's signing key: %w", err)
		}
		return NewKey(secret)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the record's signing key: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading the record's signing key: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the record's signing key %s can be read by other users of this machine (mode %04o); run chmod 600 on it, and think about who may have read it", path, info.Mode().Perm())
	}
	key, err := NewKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if key.Name() != origin {
		return nil, fmt.Errorf("%w: the signing key %s is for %q, this record is %q; give the key of this record, or set the origin back", ErrForeign, path, key.Name(), origin)
	}
	return key, nil
}

// createSecret writes a new file that only its owner can read; it never replaces one.
func createSecret(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(path)
	}
	return err
}
