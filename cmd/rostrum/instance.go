package main

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"rostrum.example/internal/app"
	"rostrum.example/internal/store"
)

// instanceFlags say which instance a command works on.
type instanceFlags struct {
	data, db, blobs string
}

func (c *call) instanceFlags() *instanceFlags {
	var f instanceFlags
	c.StringVar(&f.data, "data", "", "`DIR` that holds the instance: its database, files, and the keys of its record")
	c.StringVar(&f.db, "db", "", "database `URL` (postgres://…) in place of the one in the folder")
	c.StringVar(&f.blobs, "blobs", "", "`URL` of the store for files (s3://…) in place of the one in the folder")
	return &f
}

func (f *instanceFlags) options(c *call) (app.Options, error) {
	if f.data == "" {
		return app.Options{}, usagef("say which instance: --data DIR")
	}
	return app.Options{
		Dir:      f.data,
		Database: f.db,
		Blobs:    f.blobs,
		Log:      slog.New(slog.NewTextHandler(c.stderr, &slog.HandlerOptions{Level: slog.LevelInfo})),
	}, nil
}

// openToRead opens an existing instance beside a program that may be serving it.
func (f *instanceFlags) openToRead(ctx context.Context, c *call) (*app.App, error) {
	o, err := f.options(c)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(f.data); err != nil {
		return nil, bad(err)
	}
	o.ReadOnly = true
	a, err := app.Open(ctx, o)
	return a, classify(err)
}

// open opens an existing instance; what stands in the way ends the program with the right code.
func (f *instanceFlags) open(ctx context.Context, c *call) (*app.App, error) {
	o, err := f.options(c)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(f.data); errors.Is(err, os.ErrNotExist) {
		return nil, usagef("there is no folder %s; rostrum serve --data %s makes a new instance there", f.data, f.data)
	}
	a, err := app.Open(ctx, o)
	return a, classify(err)
}

// classify gives an error of an instance its exit code.
func classify(err error) error {
	var known *exit
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, store.ErrNewer), errors.Is(err, app.ErrRecord), errors.Is(err, app.ErrNotSetUp), errors.Is(err, app.ErrInput):
		return bad(err)
	}
	return environment(err)
}
