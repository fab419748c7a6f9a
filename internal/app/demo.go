package app

import (
	"context"
	"fmt"
	"io/fs"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/presets"
	"rostrum.example/records"
)

// demoOrigin names the record of a demonstration; it is nobody's address.
const demoOrigin = "demo.rostrum.example/log"

// demoOfficer is the address of the demonstration's officer; no mail reaches it.
const demoOfficer party.Email = "officer@demo.rostrum.example"

// demoPreset and demoTrace are what a demonstration opens on.
const (
	demoPreset = "untoc"
	demoTrace  = "/dialogues/som-2022/points/data-and-evidence/trace"
)

// Demo sets a fresh instance up with the published record of 2022 to 2025. An instance that is set up already
// is left as it is.
func (a *App) Demo(ctx context.Context) error {
	if a.house.Load() != nil {
		return nil
	}
	preset, err := fs.ReadFile(presets.Files(), demoPreset+".json")
	if err != nil {
		return fmt.Errorf("reading the preset: %w", err)
	}
	if a.entrance, err = a.setUp(ctx, Settings{
		Operator:  "a demonstration on your own machine",
		Profile:   "secretariat",
		Preset:    string(preset),
		Languages: locale.Langs,
		Address:   "http://localhost:8053",
		Origin:    demoOrigin,
		Exercise:  true,
	}, FirstOfficer{Name: "Officer of the demonstration", Email: string(demoOfficer), Lang: locale.English}, true); err != nil {
		return err
	}
	h := a.house.Load()
	if err := a.prepareExercise(ctx, h); err != nil {
		return err
	}
	if _, err := h.ledger.Integrate(ctx); err != nil {
		return err
	}
	return h.ledger.Publish(ctx)
}

// publishedRecord gives the dialogue files that the program brings.
func publishedRecord() ([]NamedFile, error) {
	names, err := fs.Glob(records.Files(), "*.json")
	if err != nil {
		return nil, err
	}
	var files []NamedFile
	for _, name := range names {
		body, err := fs.ReadFile(records.Files(), name)
		if err != nil {
			return nil, err
		}
		files = append(files, NamedFile{"records/" + name, body})
	}
	return files, nil
}
