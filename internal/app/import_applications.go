package app

import (
	"context"
	"errors"
	"fmt"

	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// MaxSpreadsheet is the largest spreadsheet that is read, in bytes.
const MaxSpreadsheet = 32 << 20

// ApplicationImport says how applications are taken in from a spreadsheet.
type ApplicationImport struct {
	// Call is the call that they answer.
	Call string
	// Mapping is a mapping of columns as a page or an earlier report gives it; empty for one that is proposed.
	Mapping []byte
	// CheckOnly looks and takes nothing in.
	CheckOnly bool
}

// ImportApplications takes applications in from a spreadsheet. Rows that name no dialogue apply for all of the call's.
func (a *App) ImportApplications(ctx context.Context, f NamedFile, o ApplicationImport) (*application.ImportReport, error) {
	h, err := a.needHouse()
	if err != nil {
		return nil, err
	}
	options := application.ImportOptions{Lang: locale.English, DryRun: o.CheckOnly}
	if len(o.Mapping) > 0 {
		m, err := spreadsheet.ParseMapping(o.Mapping)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInput, err)
		}
		options.Mapping = &m
	}
	var dialogues []dialogue.ID
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		c, err := h.rooms.cycle.Call(tx, cycle.CallID(o.Call))
		if err == nil {
			dialogues = c.Dialogues
		}
		return err
	})
	if errors.Is(err, cycle.ErrNotFound) {
		return nil, fmt.Errorf("%w: there is no call %q; nothing was taken in", ErrInput, o.Call)
	}
	if err != nil {
		return nil, err
	}
	options.Dialogues = dialogues
	report, err := h.rooms.application.Import(ctx, cycle.CallID(o.Call), f.Name, f.Body, options)
	var refused *spreadsheet.Problem
	if errors.As(err, &refused) {
		return nil, fmt.Errorf("%w: %s: %w; nothing was taken in", ErrInput, f.Name, refused)
	}
	if err != nil || o.CheckOnly {
		return report, err
	}
	if _, err := h.ledger.Integrate(ctx); err != nil {
		return nil, err
	}
	return report, h.ledger.Publish(ctx)
}
