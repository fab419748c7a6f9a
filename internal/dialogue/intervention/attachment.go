package intervention

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode"

	"rostrum.example/internal/blob"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

const (
	insertFile = `
		insert into input_file (org, id, input, name, type, size, blob)
		values ($1, $2, $3, $4, $5, $6, $7)`

	selectFiles = `
		select id, name, type, size, blob
		from input_file
		where org = $1 and input = $2
		order by name, id`

	deleteFiles = `
		delete from input_file
		where org = $1 and input = $2`

	insertWaste = `
		insert into input_waste (org, blob, at)
		values ($1, $2, $3)
		on conflict (org, blob) do nothing`

	selectWaste = `
		select blob
		from input_waste
		where org = $1
		order by blob`

	deleteWaste = `
		delete from input_waste
		where org = $1 and blob = $2`
)

// The bounds of attachments.
const (
	MaxFile  = 20 << 20
	MaxFiles = 10
)

// Upload is a file as somebody sends it.
type Upload struct {
	Name string
	Body []byte
}

// Attachment is a file that goes with an input. It is only ever given to be saved.
type Attachment struct {
	ID, Name, Type string
	Size           int64
	blob           blob.Name
}

// kept is an upload whose bytes are in the store of files.
type kept struct {
	Attachment
}

func checkFiles(all []Upload) error {
	if len(all) > MaxFiles {
		return invalid("files", "intervention.files.many", "Max", MaxFiles)
	}
	for _, f := range all {
		if len(f.Body) > MaxFile {
			return invalid("files", "intervention.files.large", "Name", CleanName(f.Name), "Max", MaxFile>>20)
		}
	}
	return nil
}

// CleanName makes the name of a file safe to save and to show: no folders, no control or reordering characters, no
// leading dot, at most 120 characters.
func CleanName(s string) string {
	s = path.Base(strings.ReplaceAll(s, "\\", "/"))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		case strings.ContainsRune(`<>:"/|?*`, r):
			return '_'
		}
		return r
	}, s)
	s = strings.Trim(s, ". ")
	if r := []rune(s); len(r) > 120 {
		ext := []rune(path.Ext(s))
		if len(ext) > 10 {
			ext = nil
		}
		s = string(r[:120-len(ext)]) + string(ext)
	}
	if s == "" {
		return "file"
	}
	return s
}

// store puts uploads into the store of files, before the transaction that names them.
func (room *Room) store(ctx context.Context, all []Upload) (out []kept, err error) {
	for _, f := range all {
		if room.o.Files == nil {
			return nil, errors.New("keeping an attachment: there is no store of files")
		}
		k := kept{Attachment{Name: CleanName(f.Name), Type: http.DetectContentType(f.Body)}}
		k.blob, k.Size, err = room.o.Files.Put(ctx, bytes.NewReader(f.Body))
		if err != nil {
			room.discard(ctx, out)
			if errors.Is(err, blob.ErrFull) {
				return nil, &page.Problem{Status: http.StatusInsufficientStorage, Key: "intervention.problem.full", Err: err}
			}
			return nil, fmt.Errorf("keeping an attachment: %w", err)
		}
		out = append(out, k)
	}
	return out, nil
}

// discard removes files of a transaction that was not kept.
func (room *Room) discard(ctx context.Context, all []kept) {
	for _, k := range all {
		if err := room.o.Files.Delete(context.WithoutCancel(ctx), k.blob); err != nil {
			room.o.Log.Warn("a file that no input has was not deleted", "error", err)
		}
	}
}

func flat(all [][]kept) (out []kept) {
	for _, some := range all {
		out = append(out, some...)
	}
	return out
}

func (room *Room) keepFiles(tx *store.Tx, input ID, all []kept) error {
	for _, k := range all {
		id, err := store.NewID(room.o.Random)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(insertFile, string(room.o.Org), id, string(input), k.Name, k.Type, k.Size, string(k.blob)); err != nil {
			return fmt.Errorf("keeping an attachment: %w", err)
		}
	}
	return nil
}

// Attachments lists the files of an input.
func (room *Room) Attachments(tx *store.Tx, input ID) (all []Attachment, err error) {
	err = each(tx, func(rows *sql.Rows) error {
		var a Attachment
		err := rows.Scan(&a.ID, &a.Name, &a.Type, &a.Size, &a.blob)
		all = append(all, a)
		return err
	}, selectFiles, string(room.o.Org), string(input))
	return all, err
}

// dropFiles takes the files of an input away; [Room.Sweep] deletes them.
func (room *Room) dropFiles(tx *store.Tx, input ID) error {
	all, err := room.Attachments(tx, input)
	if err != nil {
		return err
	}
	for _, a := range all {
		if _, err := tx.Exec(insertWaste, string(room.o.Org), string(a.blob), micros(day(room.o.Clock()))); err != nil {
			return err
		}
	}
	_, err = tx.Exec(deleteFiles, string(room.o.Org), string(input))
	return err
}

// Sweep deletes the files that no input has any more. It is the handler of a job that recurs.
func (room *Room) Sweep(ctx context.Context) error {
	var all []blob.Name
	err := room.o.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return each(tx, func(rows *sql.Rows) error {
			var name blob.Name
			err := rows.Scan(&name)
			all = append(all, name)
			return err
		}, selectWaste, string(room.o.Org))
	})
	for _, name := range all {
		if err != nil {
			break
		}
		if err = room.o.Files.Delete(ctx, name); err != nil && !errors.Is(err, blob.ErrNotFound) {
			break
		}
		err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(deleteWaste, string(room.o.Org), string(name))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("deleting files that no input has: %w", err)
	}
	return nil
}

// linkFor is how long an author's link works; remindAfter, after how long without an answer they are reminded, up to
// maxReminders times.
const (
	linkFor      = 21 * 24 * time.Hour
	remindAfter  = 6 * 24 * time.Hour
	maxReminders = 2
)
