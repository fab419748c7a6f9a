package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/intervention"
	"rostrum.example/internal/dialogue/summary"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/store"
)

// VerifyOptions say which record is verified against what.
type VerifyOptions struct {
	// Target is the address of an instance, the folder of one, or a copy of a record.
	Target string
	// Key is the verifier key from elsewhere; empty takes the remembered one, or the record's own.
	Key string
	// Memory is the file that remembers keys and checkpoints; empty to remember nothing.
	Memory string
	// Progress is told how far the verification is.
	Progress func(done, total int64)
}

// Verify verifies a public record wherever it is.
func Verify(ctx context.Context, o VerifyOptions) (*ledger.Report, error) {
	options := ledger.VerifyOptions{Key: o.Key, Progress: o.Progress}
	if info, err := os.Stat(filepath.Join(o.Target, "rostrum.db")); err == nil && !info.IsDir() {
		return verifyFolder(ctx, o.Target, options)
	}
	name, source, done, err := verifySource(o.Target)
	if err != nil {
		return nil, err
	}
	defer done()
	if o.Memory == "" {
		return ledger.Verify(ctx, source, options)
	}
	if err := os.MkdirAll(filepath.Dir(o.Memory), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for remembered keys: %w", err)
	}
	memory, err := ledger.OpenMemory(o.Memory)
	if err != nil {
		return nil, err
	}
	return memory.Verify(ctx, name, source, options)
}

func verifySource(target string) (name string, source ledger.Source, done func() error, err error) {
	done = func() error { return nil }
	if strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://") {
		name = strings.TrimSuffix(target, "/")
		source, err = ledger.HTTP(name, &http.Client{Timeout: time.Minute})
		return name, source, done, err
	}
	if name, err = filepath.Abs(target); err != nil {
		return "", nil, nil, err
	}
	source, done, err = ledger.OpenCopy(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: there is no record at %s; give the address of an instance, its folder, or a copy of its record", ErrInput, target)
	}
	return name, source, done, err
}

// verifyFolder verifies an instance where it lies: every row of its record, and that what its pages show is
// what the record holds. A program may serve it meanwhile.
func verifyFolder(ctx context.Context, dir string, o ledger.VerifyOptions) (*ledger.Report, error) {
	db, err := store.Open(ctx, store.Options{URL: "sqlite:" + filepath.Join(dir, "rostrum.db"), ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return verifyInstance(ctx, db, dir, o)
}

func verifyInstance(ctx context.Context, db *store.DB, dir string, o ledger.VerifyOptions) (*ledger.Report, error) {
	if o.Key == "" {
		secret, err := os.ReadFile(filepath.Join(dir, keyFile))
		if err != nil {
			return nil, fmt.Errorf("reading the record's key: %w", err)
		}
		key, err := ledger.NewKey(string(secret))
		if err != nil {
			return nil, err
		}
		o.Key = key.Verifier
	}
	if o.Remembered == nil {
		kept, err := os.ReadFile(filepath.Join(dir, checkpointFile))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading the checkpoint file: %w", err)
		}
		o.Remembered = kept
	}
	report, err := ledger.VerifyDatabase(ctx, db, o)
	if err != nil {
		return nil, err
	}
	shown, err := dialogue.VerifyShown(ctx, db, org)
	if err != nil {
		return nil, err
	}
	said, err := intervention.VerifyShown(ctx, db, org)
	if err != nil {
		return nil, err
	}
	quoted, err := summary.VerifyPublished(ctx, db, org)
	if err != nil {
		return nil, err
	}
	report.Add(slices.Concat(shown, said, quoted)...)
	return report, nil
}

// ExportRecord writes a copy of the public record as a zip.
func (a *App) ExportRecord(ctx context.Context, w io.Writer) error {
	if _, err := a.needHouse(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "rostrum-record-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "record.zip")
	if err := ledger.CopyDatabase(ctx, a.db, path); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
