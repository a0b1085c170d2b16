#include "scheduler/sun.h"

#include <math.h>

enum { DAY_MS = 86400000, ROUNDS = 3 };

static const double PI = 3.14159265358979323846;
static const double MS_PER_DEGREE = 240000.0; /* a day of 360 degrees */
static const double J2000_MS = 946728000000.0;
static const double CENTURY_MS = 36525.0 * 86400000.0;

/* Zenith angle: the rim of the sun with refraction, and 6 degrees below. */
static const double RIM_DEG = 90.833, CIVIL_DEG = 96.0;

static double rad(double deg)
{
    return deg * PI / 180.0;
}

static double deg(double rad)
{
    return rad * 180.0 / PI;
}

struct sun {
    double declination_deg;
    double ahead_deg; /* equation of time: true noon comes so much before mean noon */
};

static struct sun sun_at(double utc_ms)
{
    double t = (utc_ms - J2000_MS) / CENTURY_MS;
    double mean_deg = fmod(280.46646 + t * (36000.76983 + t * 0.0003032), 360.0);
    double anomaly = rad(357.52911 + t * (35999.05029 - 0.0001537 * t));
    double e = 0.016708634 - t * (0.000042037 + 0.0000001267 * t);
    double centre_deg = sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t)) +
                        sin(2 * anomaly) * (0.019993 - 0.000101 * t) + sin(3 * anomaly) * 0.000289;
    double node = rad(125.04 - 1934.136 * t);
    double apparent = rad(mean_deg + centre_deg - 0.00569 - 0.00478 * sin(node));
    double tilt =
        rad(23.0 + (26.0 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60.0) / 60.0 +
            0.00256 * cos(node));
    double y = tan(tilt / 2) * tan(tilt / 2), mean = rad(mean_deg);
    double ahead = y * sin(2 * mean) - 2 * e * sin(anomaly) +
                   4 * e * y * sin(anomaly) * cos(2 * mean) - 0.5 * y * y * sin(4 * mean) -
                   1.25 * e * e * sin(2 * anomaly);
    return (struct sun){ .declination_deg = deg(asin(sin(tilt) * sin(apparent))),
                         .ahead_deg = deg(ahead) };
}

/* Half of the time above the height, as an angle: 0 = never, 180 = always. */
static double half_day_deg(double zenith_deg, double lat_deg, double declination_deg)
{
    double lat = rad(lat_deg), declination = rad(declination_deg);
    double below = cos(lat) * cos(declination);
    double cosine = below > 1e-9
                        ? cos(rad(zenith_deg)) / below - tan(lat) * tan(declination)
                        : (sin(lat) * sin(declination) > cos(rad(zenith_deg)) ? -1.0 : 1.0);
    return deg(acos(cosine > 1.0 ? 1.0 : cosine < -1.0 ? -1.0 : cosine));
}

/* Mean noon at the place that is nearest to noon_ms. */
static double mean_noon(double lon_deg, int64_t noon_ms)
{
    double noon =
        (double)(noon_ms - noon_ms % DAY_MS) + 180.0 * MS_PER_DEGREE - lon_deg * MS_PER_DEGREE;
    return noon + round(((double)noon_ms - noon) / DAY_MS) * DAY_MS;
}

int64_t sun_event_ms(enum sched_edge_kind kind, double lat_deg, double lon_deg, int64_t noon_ms)
{
    bool evening = kind == SCHED_AT_SUNSET || kind == SCHED_AT_DUSK;
    double zenith_deg = kind == SCHED_AT_DAWN || kind == SCHED_AT_DUSK ? CIVIL_DEG : RIM_DEG;
    double noon = mean_noon(lon_deg, noon_ms), at = noon;
    for (int i = 0; i < ROUNDS; i++) {
        struct sun sun = sun_at(at);
        double half = half_day_deg(zenith_deg, lat_deg, sun.declination_deg);
        at = noon + (evening ? half - sun.ahead_deg : -half - sun.ahead_deg) * MS_PER_DEGREE;
    }
    return (int64_t)at;
}
