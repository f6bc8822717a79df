package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"

	"countersign/auth"
	"countersign/db"
	"countersign/workflows"
)

// databaseFlags say where the database is.
type databaseFlags struct {
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" required:"" help:"Postgres, as postgres://user:password@host:port/name. Its user is a member of countersign_app and countersign_across; for migrate, the owner."`
}

// startPatience is how long the processes that serve wait for a database, or a
// Temporal, that starts beside them.
const startPatience = time.Minute

func (f databaseFlags) open(ctx context.Context, conns int32, patience time.Duration) (*db.DB, error) {
	return db.Open(ctx, db.Options{URL: f.DatabaseURL, MaxConns: conns, Patience: patience})
}

// temporalFlags say where Temporal is.
type temporalFlags struct {
	TemporalAddress   string `name:"temporal-address" env:"TEMPORAL_ADDRESS" default:"127.0.0.1:7233" help:"Temporal's frontend, host:port."`
	TemporalNamespace string `name:"temporal-namespace" env:"TEMPORAL_NAMESPACE" default:"default" help:"Temporal's namespace."`
	TemporalTLS       bool   `name:"temporal-tls" env:"TEMPORAL_TLS" help:"Speak TLS with Temporal."`
	TemporalAPIKey    string `name:"temporal-api-key" env:"TEMPORAL_API_KEY" help:"API key for Temporal Cloud; needs TLS."`
	payloadFlags
}

// payloadFlags say how what flows carry is encrypted.
type payloadFlags struct {
	PayloadKeys string `name:"payload-keys" env:"PAYLOAD_KEYS" help:"Encrypts what flows carry: id:base64[,id:base64…], 32 bytes each, the first one encrypts. Empty: not encrypted."`
}

func (f temporalFlags) dial(ctx context.Context, log *slog.Logger) (client.Client, error) {
	options := client.Options{HostPort: f.TemporalAddress, Namespace: f.TemporalNamespace, Logger: sdklog.NewStructuredLogger(log)}
	options.ConnectionOptions.GrpcCompression = &client.GrpcCompressionNone{} // small payloads, mostly encrypted
	if f.TemporalTLS {
		options.ConnectionOptions.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if f.TemporalAPIKey != "" {
		options.Credentials = client.NewAPIKeyStaticCredentials(f.TemporalAPIKey)
	}
	codec, err := f.codec()
	if err != nil {
		return nil, err
	}
	if codec != nil {
		options.DataConverter = converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec)
	}
	// Lazily: a process starts without Temporal and works when it comes back.
	c, err := client.NewLazyClient(options)
	if err != nil {
		return nil, fmt.Errorf("reading Temporal's settings: %w", err)
	}
	return c, nil
}

func (f payloadFlags) codec() (*workflows.Codec, error) {
	if f.PayloadKeys == "" {
		return nil, nil
	}
	parsed, err := auth.ParseKeys(f.PayloadKeys)
	if err != nil {
		return nil, fmt.Errorf("reading PAYLOAD_KEYS: %w", err)
	}
	keys := make(map[string][]byte, len(parsed))
	for _, k := range parsed {
		keys[k.ID] = k.Secret
	}
	return workflows.NewCodec(rand.Reader, parsed[0].ID, keys)
}

// localFlags say where the database and Temporal are, or that they are those of
// the `countersign up` that runs here.
type localFlags struct {
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" help:"Postgres, as postgres://user:password@host:port/name. Empty: that of the countersign up which runs here."`
	temporalFlags
	State string `name:"state" env:"COUNTERSIGN_STATE" default:".countersign" help:"The folder of countersign up."`
}

// addressesFile is where countersign up keeps what the other commands need.
const addressesFile = "addresses.json"

// addresses are what addressesFile holds. It is readable by its owner alone.
type addresses struct {
	DatabaseURL       string `json:"database_url"`
	TemporalAddress   string `json:"temporal_address"`
	TemporalNamespace string `json:"temporal_namespace"`
}

// resolve fills in what was left to countersign up.
func (f localFlags) resolve() (localFlags, error) {
	if f.DatabaseURL != "" {
		return f, nil
	}
	text, err := os.ReadFile(filepath.Join(f.State, addressesFile))
	if errors.Is(err, os.ErrNotExist) {
		return f, errors.New("set DATABASE_URL and TEMPORAL_ADDRESS, or run this where countersign up runs")
	}
	var at addresses
	if err == nil {
		err = json.Unmarshal(text, &at)
	}
	if err != nil {
		return f, fmt.Errorf("reading where countersign up keeps its addresses: %w", err)
	}
	f.DatabaseURL, f.TemporalAddress, f.TemporalNamespace = at.DatabaseURL, at.TemporalAddress, at.TemporalNamespace
	return f, nil
}

func (f localFlags) open(ctx context.Context, conns int32) (*db.DB, error) {
	return databaseFlags{f.DatabaseURL}.open(ctx, conns, 0)
}

// siteFlags say where people reach the product.
type siteFlags struct {
	SiteURL string `name:"site-url" env:"SITE_URL" default:"http://localhost:8080" help:"Where people reach the product, without a slash at its end. Anything but loopback must be https."`
}

// logFlags say how to log.
type logFlags struct {
	LogFormat string `name:"log-format" env:"LOG_FORMAT" enum:"json,text" default:"json" help:"json or text."`
	LogLevel  string `name:"log-level" env:"LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"debug, info, warn or error."`
}

func (f logFlags) logger() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if f.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(os.Stderr, options))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, options))
}

// secretKey reads a key of 32 bytes from base64.
func secretKey(name, setting string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(setting)
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s must be 32 bytes in base64; make one with: openssl rand -base64 32", name)
	}
	return key, nil
}

// keyRing reads keys, the first of which encrypts.
func keyRing(name, setting string) (*auth.KeyRing, error) {
	keys, err := auth.ParseKeys(setting)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; make one with: echo \"k1:$(openssl rand -base64 32)\"", name, err)
	}
	ring, err := auth.NewKeyRing(rand.Reader, keys...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return ring, nil
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func now() time.Time { return time.Now() }
