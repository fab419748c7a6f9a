package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	file "rostrum.example/format/dialogue"
	"rostrum.example/internal/dialogue"
)

// MaxDialogueFile is the largest dialogue file that is read, in bytes.
const MaxDialogueFile = file.MaxBytes

// NamedFile is a file as the command line or a form gave it.
type NamedFile struct {
	Name string
	Body []byte
}

// ImportOptions say how files are taken in.
type ImportOptions struct{ CheckOnly, Withdraw bool }

// ImportResult says what an import changed.
type ImportResult struct {
	Dialogues []dialogue.Imported `json:"dialogues"`
}

// ImportDialogues takes dialogue files in, all of them or none, and enters them in the public record.
func (a *App) ImportDialogues(ctx context.Context, files []NamedFile, o ImportOptions) (*ImportResult, error) {
	h, err := a.needHouse()
	if err != nil {
		return nil, err
	}
	done, err := h.importDialogues(ctx, a, files, o)
	if err != nil {
		return nil, err
	}
	if !o.CheckOnly {
		if _, err := h.ledger.Integrate(ctx); err != nil {
			return nil, err
		}
		if err := h.ledger.Publish(ctx); err != nil {
			return nil, err
		}
	}
	return &ImportResult{done}, nil
}

func (h *house) importDialogues(ctx context.Context, a *App, files []NamedFile, o ImportOptions) ([]dialogue.Imported, error) {
	var problems file.Problems
	var read []*file.File
	for _, f := range files {
		parsed, err := file.Read(bytes.NewReader(f.Body), h.mechanism)
		if err != nil {
			var p file.Problems
			if !errors.As(err, &p) {
				return nil, fmt.Errorf("%s: %w", f.Name, err)
			}
			problems = append(problems, p.In(f.Name)...)
			continue
		}
		parsed.Path = f.Name
		read = append(read, parsed)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w; nothing was taken in:\n%w", ErrInput, problems)
	}
	done, err := h.dialogue.Import(ctx, read, dialogue.ImportOptions{CheckOnly: o.CheckOnly, Withdraw: o.Withdraw, At: a.o.Clock()})
	var missing *dialogue.MissingError
	if errors.As(err, &problems) || errors.As(err, &missing) {
		return nil, fmt.Errorf("%w; nothing was taken in:\n%w", ErrInput, err)
	}
	return done, err
}

// ExportDialogue writes a dialogue as a dialogue file.
func (a *App) ExportDialogue(ctx context.Context, id string, w io.Writer) error {
	h, err := a.needHouse()
	if err != nil {
		return err
	}
	body, err := h.dialogue.Export(ctx, dialogue.ID(id))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInput, err)
	}
	_, err = w.Write(body)
	return err
}
