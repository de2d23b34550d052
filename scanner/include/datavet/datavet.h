/// datavet: finds the samples that would crash a loader, or feed it wrong data, before it does.
#pragma once

#include <datavet/checker.h>
#include <datavet/scan.h>
#include <datavet/version.h>
