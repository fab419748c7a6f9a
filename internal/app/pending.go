package app

import (
	"context"
	"io"

	"rostrum.example/internal/store"
)

func eachFile(ctx context.Context, o Options, fn func(name string, r io.Reader) error) error { return nil }
func filePutter(ctx context.Context, o Options) (func(string, io.Reader) error, error) {
	return func(string, io.Reader) error { return nil }, nil
}
func (h *house) firstOfficer(tx *store.Tx, f FirstOfficer) (string, error) { return "/en/", nil }
