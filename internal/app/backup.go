package app

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/store"
)

// The parts of a backup. docs/formats/backup.md specifies it.
const (
	backupFormat   = "rostrum-backup/1"
	backupManifest = "manifest.json"
	backupDatabase = "database.dump"
	backupFiles    = "files/"
)

// manifest is the last part of a backup: what the others must be.
type manifest struct {
	Format string         `json:"format"`
	Made   time.Time      `json:"made"`
	Schema int            `json:"schema"`
	Parts  []manifestPart `json:"parts"`
}

type manifestPart struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// BackupSummary says what a backup holds.
type BackupSummary struct {
	Made    time.Time `json:"made"`
	Schema  int       `json:"schema"`
	Bytes   int64     `json:"bytes"` // before compression
	Files   int       `json:"files"`
	Entries int64     `json:"entries"` // of the public record, published
}

// Backup writes an instance into w, in one consistent state, also while a program serves it.
func Backup(ctx context.Context, o Options, w io.Writer) (*BackupSummary, error) {
	o.fill()
	db, err := store.Open(ctx, store.Options{URL: o.databaseURL(), ReadOnly: true, Log: o.Log})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return backup(ctx, o, db, w)
}

func backup(ctx context.Context, o Options, db *store.DB, w io.Writer) (*BackupSummary, error) {
	schema, err := db.Version(ctx)
	if err != nil {
		return nil, err
	}
	b := &backupWriter{zip: zip.NewWriter(w), manifest: manifest{Format: backupFormat, Made: o.Clock().UTC(), Schema: schema}}
	summary := &BackupSummary{Made: b.manifest.Made, Schema: schema}
	// The checkpoint is read before the database, so that the database that is read later holds all of it.
	for _, name := range []string{checkpointFile, keyFile} {
		body, err := os.ReadFile(o.path(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // not set up yet
		}
		if err != nil {
			return nil, fmt.Errorf("backing up %s: %w", name, err)
		}
		if name == checkpointFile {
			summary.Entries = checkpointSize(body)
		}
		if err := b.add(name, func(w io.Writer) error { _, err := w.Write(body); return err }); err != nil {
			return nil, err
		}
	}
	if err := b.add(backupDatabase, func(w io.Writer) error { return db.Dump(ctx, w) }); err != nil {
		return nil, err
	}
	err = eachFile(ctx, o, func(name string, r io.Reader) error {
		summary.Files++
		return b.add(backupFiles+name, func(w io.Writer) error { _, err := io.Copy(w, r); return err })
	})
	if err != nil {
		return nil, err
	}
	for _, p := range b.manifest.Parts {
		summary.Bytes += p.Size
	}
	return summary, b.close()
}

// checkpointSize reads the size out of a checkpoint: its second line.
func checkpointSize(checkpoint []byte) int64 {
	lines := strings.SplitN(string(checkpoint), "\n", 3)
	if len(lines) < 3 {
		return 0
	}
	n, _ := strconv.ParseInt(lines[1], 10, 64)
	return n
}

type backupWriter struct {
	zip      *zip.Writer
	manifest manifest
}

func (b *backupWriter) add(name string, write func(io.Writer) error) error {
	part, err := b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: b.manifest.Made})
	if err != nil {
		return fmt.Errorf("backing up %s: %w", name, err)
	}
	m := &measure{sum: sha256.New()}
	if err := write(io.MultiWriter(part, m)); err != nil {
		return fmt.Errorf("backing up %s: %w", name, err)
	}
	b.manifest.Parts = append(b.manifest.Parts, m.part(name))
	return nil
}

func (b *backupWriter) close() error {
	part, err := b.zip.Create(backupManifest)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(part).Encode(b.manifest); err != nil {
		return err
	}
	return b.zip.Close()
}

// measure sizes and hashes what passes.
type measure struct {
	size int64
	sum  hash.Hash
}

func (m *measure) Write(p []byte) (int, error) {
	m.size += int64(len(p))
	return m.sum.Write(p)
}

func (m *measure) part(name string) manifestPart {
	return manifestPart{name, m.size, hex.EncodeToString(m.sum.Sum(nil))}
}

// Restore brings an instance back from a backup into an empty folder, verifies its record, and leaves nothing
// behind when something does not hold. newest, if not empty, is a file with a checkpoint that the record must
// continue.
func Restore(ctx context.Context, o Options, file, newest string) (*BackupSummary, error) {
	o.fill()
	if entries, err := os.ReadDir(o.Dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("%w: %s is not empty; name a folder that is empty or absent", ErrInput, o.Dir)
	}
	var remembered []byte
	if newest != "" {
		var err error
		if remembered, err = os.ReadFile(newest); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInput, err)
		}
	}
	archive, m, err := openBackup(ctx, file)
	if err != nil {
		return nil, err
	}
	defer archive.Close()

	final := o.Dir
	o.Dir = filepath.Clean(final) + ".restoring"
	if err := os.Mkdir(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for the restored instance: %w; if a restore was interrupted there, remove it and try again", err)
	}
	summary, err := restoreInto(ctx, o, archive, m, remembered)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(o.Dir))
	}
	os.Remove(final) // empty or absent, as checked above
	if err := os.Rename(o.Dir, final); err != nil {
		return nil, errors.Join(err, os.RemoveAll(o.Dir))
	}
	return summary, nil
}

// openBackup opens a backup and checks every part of it against the manifest before anything is written.
func openBackup(ctx context.Context, file string) (*zip.ReadCloser, *manifest, error) {
	broken := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s is not a whole backup: %s. Use another copy of it, or another backup; nothing was restored", ErrInput, file, fmt.Sprintf(format, args...))
	}
	archive, err := zip.OpenReader(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	if err != nil {
		return nil, nil, broken("%v", err)
	}
	m, err := checkBackup(ctx, archive)
	if err != nil {
		archive.Close()
		return nil, nil, broken("%v", err)
	}
	return archive, m, nil
}

func checkBackup(ctx context.Context, archive *zip.ReadCloser) (*manifest, error) {
	f, err := archive.Open(backupManifest)
	if err != nil {
		return nil, errors.New("it has no manifest")
	}
	defer f.Close()
	var m manifest
	if err := json.NewDecoder(io.LimitReader(f, 256<<20)).Decode(&m); err != nil {
		return nil, fmt.Errorf("its manifest cannot be read: %w", err)
	}
	if m.Format != backupFormat {
		return nil, fmt.Errorf("its format is %q, this program reads %q", m.Format, backupFormat)
	}
	if newest := store.Newest(); m.Schema > newest {
		return nil, fmt.Errorf("it was made by a newer program (schema %d, this program knows %d); use that program", m.Schema, newest)
	}
	if len(archive.File) != len(m.Parts)+1 {
		return nil, fmt.Errorf("it has %d parts, its manifest names %d", len(archive.File)-1, len(m.Parts))
	}
	for _, want := range m.Parts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if want.Name != backupDatabase && want.Name != keyFile && want.Name != checkpointFile && !(strings.HasPrefix(want.Name, backupFiles) && fs.ValidPath(want.Name)) {
			return nil, fmt.Errorf("it has a part %q, which no backup has", want.Name)
		}
		part, err := archive.Open(want.Name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", want.Name, err)
		}
		got := &measure{sum: sha256.New()}
		_, err = io.Copy(got, io.LimitReader(part, want.Size+1))
		part.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", want.Name, err)
		}
		if got.part(want.Name) != want {
			return nil, fmt.Errorf("%s has been changed", want.Name)
		}
	}
	return &m, nil
}

func restoreInto(ctx context.Context, o Options, archive *zip.ReadCloser, m *manifest, remembered []byte) (*BackupSummary, error) {
	summary := &BackupSummary{Made: m.Made, Schema: m.Schema}
	db, err := store.Open(ctx, store.Options{URL: o.databaseURL(), Log: o.Log})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	put, err := filePutter(ctx, o)
	if err != nil {
		return nil, err
	}
	for _, p := range m.Parts {
		summary.Bytes += p.Size
		part, err := archive.Open(p.Name)
		if err != nil {
			return nil, err
		}
		switch name, isFile := strings.CutPrefix(p.Name, backupFiles); {
		case p.Name == backupDatabase:
			err = db.Load(ctx, part)
		case isFile:
			summary.Files++
			err = put(name, part)
		default:
			var body []byte
			if body, err = io.ReadAll(io.LimitReader(part, 1<<20)); err == nil {
				err = os.WriteFile(o.path(p.Name), body, 0o600)
			}
		}
		part.Close()
		if err != nil {
			return nil, fmt.Errorf("restoring %s: %w", p.Name, err)
		}
	}
	if !slices.ContainsFunc(m.Parts, func(p manifestPart) bool { return p.Name == keyFile }) {
		return summary, nil // backed up before it was set up
	}
	report, err := verifyInstance(ctx, db, o.Dir, ledger.VerifyOptions{Remembered: remembered})
	if err != nil {
		return nil, err
	}
	summary.Entries = report.Size
	if !report.Verified {
		return nil, fmt.Errorf("%w; nothing was restored. If entries were published after this backup was made, look for a newer backup: going on from this one would show two different pasts to whoever kept the newer checkpoint.\n%s", ErrRecord, report)
	}
	return summary, nil
}

// upgradeBackup writes a backup beside a database that an older program wrote, before it is changed.
func upgradeBackup(ctx context.Context, o Options) error {
	if file, ok := strings.CutPrefix(o.databaseURL(), "sqlite:"); ok {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	db, err := store.Open(ctx, store.Options{URL: o.databaseURL(), ReadOnly: true, Log: o.Log})
	if err != nil {
		return err
	}
	defer db.Close()
	version, err := db.Version(ctx)
	if err != nil || version == 0 || version == store.Newest() {
		return err
	}
	name := filepath.Join(o.path(backupFolder), fmt.Sprintf("before-schema-%d-%s.backup", store.Newest(), o.Clock().UTC().Format("20060102T150405Z")))
	o.Log.Info("the database was written by an older program; it is backed up before it is changed", "schema", version, "backup", name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("backing up before the upgrade: %w", err)
	}
	return writeBackup(ctx, o, db, name)
}

// writeBackup writes a backup so that it stands there whole or not at all.
func writeBackup(ctx context.Context, o Options, db *store.DB, name string) (err error) {
	f, err := os.OpenFile(name+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing a backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("writing the backup %s: %w", name, err), os.Remove(f.Name()))
		}
	}()
	if _, err = backup(ctx, o, db, f); err != nil {
		f.Close()
		return err
	}
	if err = errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// dropOldest keeps the newest files that a pattern names; their names sort by time.
func dropOldest(folder, pattern string, keep int) error {
	names, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(names) <= keep {
		return err
	}
	slices.Sort(names)
	var errs []error
	for _, name := range names[:len(names)-keep] {
		errs = append(errs, os.Remove(name))
	}
	return errors.Join(errs...)
}
