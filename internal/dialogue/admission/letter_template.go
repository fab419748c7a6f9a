package admission

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"time"

	"rostrum.example/format/docx"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Template is a template of a letter that the unit brought.
type Template struct {
	ID       string
	Letter   Letter
	Lang     locale.Lang
	Name     string
	Body     []byte
	Uploaded time.Time
	Actor    party.PersonID
}

const (
	templateNewest = `
		select id, letter, lang, name, body, uploaded, actor
		from admission_template
		where org = $1 and letter = $2 and lang = $3
		order by uploaded desc, id
		limit 1`

	templateQuery = `
		select id, letter, lang, name, body, uploaded, actor
		from admission_template
		where org = $1 and id = $2`

	templateKeep = `
		insert into admission_template (org, id, letter, lang, name, body, uploaded, actor)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`
)

func scanTemplate(r row) (Template, error) {
	var t Template
	var uploaded int64
	err := r.Scan(&t.ID, &t.Letter, &t.Lang, &t.Name, &t.Body, &uploaded, &t.Actor)
	t.Uploaded = store.Time(uploaded)
	return t, err
}

// newestTemplate gives the unit's template of a letter in a language; an empty one where the built-in is used. A row
// without a body says that the unit went back to the built-in one.
func (room *Room) newestTemplate(tx *store.Tx, l Letter, lang locale.Lang) (Template, error) {
	t, err := scanTemplate(tx.QueryRow(templateNewest, room.o.Org, l, lang))
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(t.Body) == 0 {
		return Template{}, nil
	}
	return t, err
}

// maxTemplate bounds the file of a template, in bytes.
const maxTemplate = 4 << 20

// mayPrint tells who brings templates: whoever works on applications of the whole instance.
func mayPrint(actor party.Actor) error {
	return party.Allow(actor, party.CheckApplication, party.WholeInstance())
}

// SetTemplate takes the unit's own template of a letter. Fields that the letter does not have are named, and nothing is
// kept then.
func (room *Room) SetTemplate(ctx context.Context, actor party.Actor, l Letter, lang locale.Lang, file string, body []byte) error {
	if err := mayPrint(actor); err != nil {
		return err
	}
	if !slices.Contains(letters, l) || !lang.Known() {
		return page.NotFound()
	}
	if len(body) > 0 {
		if err := checkTemplate(l, body); err != nil {
			return err
		}
	}
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		id, err := store.NewID(room.o.Random)
		if err != nil {
			return err
		}
		if body == nil {
			body = []byte{}
		}
		return room.write(tx, templateKeep, id, l, lang, shorten(file), body, store.Micros(room.o.Clock()), actor.Person)
	})
}

// checkTemplate reads a template and says what is wrong with it.
func checkTemplate(l Letter, body []byte) error {
	limits := docx.DefaultLimits()
	limits.File = maxTemplate
	t, err := limits.ReadTemplate(bytes.NewReader(body))
	var refused *docx.Problem
	if errors.As(err, &refused) {
		return wordProblem(*refused)
	}
	if err != nil {
		return err
	}
	var wrong page.Invalids
	known := fieldsOf(l)
	for _, f := range t.Fields() {
		if !slices.Contains(known, f.Name) || f.Block != (f.Name == "persons") && f.Block {
			wrong = append(wrong, page.Invalid{Field: "file", Key: "admission.template.unknown", Pairs: []any{"Field", f.Name, "Paragraph", strconv.Itoa(f.Paragraph)}})
		}
	}
	for _, p := range t.Notices {
		switch p.Code {
		case docx.BrokenField, docx.BlockNotClosed, docx.BlockNotOpened, docx.BlockMisplaced, docx.UnsupportedField:
			wrong = append(wrong, wordProblem(p)...)
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	if len(t.Fields()) == 0 {
		return invalid("file", "admission.template.nofields")
	}
	return nil
}

// wordProblem words what is wrong with a document. What the catalogue does not tell apart is told as one.
func wordProblem(p docx.Problem) page.Invalids {
	key := "admission.word.other"
	switch p.Code {
	case docx.EmptyFile, docx.NotDOCX, docx.OldDOC, docx.PasswordProtected, docx.BrokenZip, docx.Macros, docx.FileTooLarge, docx.BrokenField, docx.BlockNotClosed, docx.BlockNotOpened, docx.BlockMisplaced, docx.UnsupportedField:
		key = "admission.word." + string(p.Code)
	}
	return page.Invalids{{Field: "file", Key: key, Pairs: []any{"Value", p.Value, "Paragraph", strconv.Itoa(p.Paragraph), "Limit", strconv.FormatInt(p.Limit>>20, 10)}}}
}
