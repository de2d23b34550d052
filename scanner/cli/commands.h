/// The commands of the program: one file each, and main.cpp which knows only these functions.
#pragma once

#include <CLI/CLI.hpp>

namespace datavet::cli {

/// Adds the command and its flags to `app`. What it returns from its callback goes into `exit_code`.
void add_scan_command(CLI::App &app, int &exit_code);
void add_check_command(CLI::App &app, int &exit_code);
void add_quarantine_command(CLI::App &app, int &exit_code);
void add_clean_command(CLI::App &app, int &exit_code);
void add_restore_command(CLI::App &app, int &exit_code);
void add_schema_command(CLI::App &app, int &exit_code);
void add_rules_command(CLI::App &app, int &exit_code);
void add_explain_command(CLI::App &app, int &exit_code);
void add_formats_command(CLI::App &app, int &exit_code);
void add_demo_command(CLI::App &app, int &exit_code);

/// --version: our own, of the libraries in use, and the processor features.
std::string version_text();

} // namespace datavet::cli
