package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxCheckpoint bounds what is read as a checkpoint: three lines and a hundred signatures fit in it.
const maxCheckpoint = 64 << 10

// checkpointText is the part of a checkpoint that is signed (C2SP tlog-checkpoint).
func checkpointText(origin string, tree tlog.Tree) string {
	return origin + "\n" + strconv.FormatInt(tree.N, 10) + "\n" + base64.StdEncoding.EncodeToString(tree.Hash[:]) + "\n"
}

// parseCheckpointText reads what checkpointText writes and nothing else.
func parseCheckpointText(text string) (origin string, tree tlog.Tree, err error) {
	malformed := errors.New("the checkpoint is not origin, size and root on three lines")
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" {
		return "", tlog.Tree{}, malformed
	}
	n, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || n < 0 {
		return "", tlog.Tree{}, malformed
	}
	h, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(h) != tlog.HashSize {
		return "", tlog.Tree{}, malformed
	}
	tree = tlog.Tree{N: n, Hash: tlog.Hash(h)}
	if checkpointText(lines[0], tree) != text {
		return "", tlog.Tree{}, malformed
	}
	return lines[0], tree, nil
}

// signCheckpoint signs a tree's head. Ed25519 gives the same bytes for the same tree each time.
func signCheckpoint(key *Key, origin string, tree tlog.Tree) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: checkpointText(origin, tree)}, key.signer)
	if err != nil {
		return nil, fmt.Errorf("signing the checkpoint: %w", err)
	}
	return signed, nil
}

// openCheckpoint checks that verifier signed the checkpoint and that it speaks of the record that the verifier's
// name gives. The tree is also given, unproven, when only the signature is wrong.
func openCheckpoint(signed []byte, verifier note.Verifier) (tlog.Tree, error) {
	if len(signed) > maxCheckpoint {
		return tlog.Tree{}, fmt.Errorf("the checkpoint has %d bytes, more than any", len(signed))
	}
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		tree := claimedTree(signed)
		var unverified *note.UnverifiedNoteError
		var invalid *note.InvalidSignatureError
		switch {
		case errors.As(err, &unverified):
			return tree, fmt.Errorf("%w: the checkpoint is signed by %s, not by %s+%08x", ErrForeign,
				signers(unverified.Note), verifier.Name(), verifier.KeyHash())
		case errors.As(err, &invalid):
			return tree, errors.New("the checkpoint's signature is wrong: the signed lines or the signature were changed")
		}
		return tree, fmt.Errorf("the checkpoint is not a signed note: %w", err)
	}
	origin, tree, err := parseCheckpointText(n.Text)
	if err != nil {
		return tlog.Tree{}, err
	}
	if origin != verifier.Name() {
		return tree, fmt.Errorf("%w: the checkpoint speaks of %q, the key of %q", ErrForeign, origin, verifier.Name())
	}
	return tree, nil
}

// claimedTree is the tree that a checkpoint claims, whoever signed it; the zero tree when it claims none.
func claimedTree(signed []byte) tlog.Tree {
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	_, tree, _ := parseCheckpointText(string(text) + "\n")
	return tree
}

func signers(n *note.Note) string {
	var names []string
	for _, s := range n.UnverifiedSigs {
		names = append(names, fmt.Sprintf("%s+%08x", s.Name, s.Hash))
	}
	return strings.Join(names, ", ")
}

// replaceFile puts data at path so that a crash leaves the old file or the new one, and the new one is on the disk
// when it returns.
func replaceFile(path string, data []byte, mode os.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := f.Chmod(mode); err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
