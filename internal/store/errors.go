package store

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// classify joins an engine's error with the error of this package that a caller can act on.
func classify(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range []error{ErrConflict, ErrFull, ErrDamaged} {
		if errors.Is(err, known) {
			return err
		}
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return fmt.Errorf("%w: %w", ErrConflict, err)
		}
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return fmt.Errorf("%w: %w", ErrFull, err)
		case sqlite3.SQLITE_CORRUPT:
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23505":
			return fmt.Errorf("%w: %w", ErrConflict, err)
		case "53100":
			return fmt.Errorf("%w: %w", ErrFull, err)
		case "XX001", "XX002":
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return err
}
