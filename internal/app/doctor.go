package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"rostrum.example/internal/job"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/mail"
	"rostrum.example/internal/store"
)

// Finding is one thing that the doctor looked at.
type Finding struct {
	What string `json:"what"`
	Well bool   `json:"well"`
	Says string `json:"says"`
	Next string `json:"next,omitempty"` // what to do when it is not well
}

// DoctorReport is what the doctor found.
type DoctorReport struct {
	Findings []Finding `json:"findings"`
}

// Well tells whether nothing needs a hand.
func (r *DoctorReport) Well() bool {
	for _, f := range r.Findings {
		if !f.Well {
			return false
		}
	}
	return true
}

func (r *DoctorReport) well(what, says string, args ...any) {
	r.Findings = append(r.Findings, Finding{What: what, Well: true, Says: fmt.Sprintf(says, args...)})
}

func (r *DoctorReport) mend(what, next, says string, args ...any) {
	r.Findings = append(r.Findings, Finding{What: what, Says: fmt.Sprintf(says, args...), Next: next})
}

// roomWanted is the free room below which the doctor warns, in bytes.
const roomWanted = 512 << 20

// Doctor looks an instance over and changes nothing. A program may serve it meanwhile.
func Doctor(ctx context.Context, o Options) (*DoctorReport, error) {
	o.fill()
	if _, err := os.Stat(o.Dir); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	r := &DoctorReport{}
	r.lookAtFolder(o)
	db, err := store.Open(ctx, store.Options{URL: o.databaseURL(), ReadOnly: true, Log: o.Log})
	if err != nil {
		r.mend("database", "restore the newest backup into another folder (rostrum restore), and keep this one for whoever looks into it", "%v", err)
		return r, nil
	}
	defer db.Close()
	if err := r.lookAtDatabase(ctx, db); err != nil {
		return nil, err
	}
	settings, err := readSettings(ctx, db)
	if err != nil {
		return nil, err
	}
	if settings == nil {
		r.mend("set-up", "start it with rostrum serve and open the link that it prints", "this instance has not been set up yet")
		return r, nil
	}
	r.well("set-up", "run by %s, at %s", settings.Operator, settings.Address)
	report, err := verifyInstance(ctx, db, o.Dir, ledger.VerifyOptions{})
	switch {
	case err != nil:
		r.mend("record", "bring back record.key and record.checkpoint from a backup", "%v", err)
	case report.Verified:
		r.well("record", "%d entries verify", report.Size)
	default:
		r.mend("record", "do not enter anything more; compare with the newest backup and with whoever keeps checkpoints", "%s", strings.TrimSpace(report.String()))
	}
	if err := r.lookAtWork(ctx, db, settings, o.Clock()); err != nil {
		return nil, err
	}
	r.lookAtBackups(o, settings)
	return r, nil
}

func (r *DoctorReport) lookAtFolder(o Options) {
	info, err := os.Stat(o.Dir)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		r.mend("folder", "run chmod 700 on it", "other users of this machine can look into %s (mode %04o)", o.Dir, info.Mode().Perm())
	} else {
		r.well("folder", "only its owner can look into it")
	}
	var stat syscall.Statfs_t
	if err := syscall.Statfs(o.Dir, &stat); err == nil {
		free := int64(stat.Bavail) * int64(stat.Bsize)
		if free < roomWanted {
			r.mend("room", "make room on the disk, or move the instance with backup and restore", "%d MB are free", free>>20)
		} else {
			r.well("room", "%d MB are free", free>>20)
		}
	}
	switch info, err := os.Stat(o.path(keyFile)); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		r.mend("key", "see that the program may read its own folder", "%v", err)
	case info.Mode().Perm()&0o077 != 0:
		r.mend("key", "run chmod 600 on it, and think about who may have read it", "other users of this machine can read %s", o.path(keyFile))
	default:
		r.well("key", "only its owner can read it")
	}
}

func (r *DoctorReport) lookAtDatabase(ctx context.Context, db *store.DB) error {
	version, err := db.Version(ctx)
	if err != nil {
		return err
	}
	r.well("schema", "%d on %s, this program writes %d", version, db.Engine(), store.Newest())
	findings, err := db.CheckIntegrity(ctx)
	if err != nil {
		return err
	}
	for _, f := range findings {
		r.mend("database", f.Next, "%s", f.Text)
	}
	if len(findings) == 0 {
		r.well("database", "whole")
	}
	return nil
}

// lookAtBackups tells how old the newest backup is.
func (r *DoctorReport) lookAtBackups(o Options, settings *Settings) {
	if settings.BackupFolder == "" {
		r.mend("backup", "run rostrum backup every day, onto another disk", "no folder for backups is set")
		return
	}
	names, _ := filepath.Glob(filepath.Join(settings.BackupFolder, "*.backup"))
	var newest time.Time
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	age := o.Clock().Sub(newest)
	switch {
	case newest.IsZero():
		r.mend("backup", "let the instance run over night, or run rostrum backup now", "there is no backup in %s yet", settings.BackupFolder)
	case age > 36*time.Hour:
		r.mend("backup", "see whether the disk is full or the instance was stopped, and run rostrum backup now", "the newest backup is %d hours old", int(age.Hours()))
	default:
		r.well("backup", "the newest is %d hours old", int(age.Hours()))
	}
}

// lookAtWork tells of mail and jobs that do not move.
func (r *DoctorReport) lookAtWork(ctx context.Context, db *store.DB, settings *Settings, now time.Time) error {
	server, err := settings.Mail.server(settings.Operator)
	if err != nil {
		r.mend("mail", "set the mail server up again", "%v", err)
		return nil
	}
	status, err := mail.New(mail.Options{DB: db, Server: server}).Status(ctx)
	if err != nil {
		return err
	}
	switch failed, waiting := status.Count[mail.Failed], status.Count[mail.Queued]; {
	case server == nil:
		r.mend("mail", "name a mail server, or have an officer pass the messages on from the outbox page", "no mail server is set; %d messages are to be read in the outbox", status.Count[mail.Shown])
	case failed > 0:
		r.mend("mail", "see the reasons on the outbox page", "%d messages could not be sent through %s", failed, status.Server)
	default:
		r.well("mail", "through %s; %d messages wait", status.Server, waiting)
	}
	return db.Read(ctx, func(tx *store.Tx) error {
		counts, err := job.Counts(tx, now)
		if err != nil {
			return err
		}
		failed := 0
		for _, c := range counts {
			failed += c.Failed
		}
		if failed > 0 {
			r.mend("jobs", "look into the log for the reasons", "%d jobs were given up", failed)
		} else {
			r.well("jobs", "none was given up")
		}
		return nil
	})
}
