using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>An intake that is not well: again and again it resets, closes, stands still or is away for a moment.</summary>
internal static class IntakeTrouble
{
    /// <summary>Until it is over; leaves the intake well.</summary>
    /// <param name="counted">Told what was done each time.</param>
    public static void Go(TlsIntake intake, Random random, SteadyPace pace, Action<string> counted)
    {
        while (pace.Wait())
        {
            switch (random.Next(5))
            {
                case 0:
                    intake.ResetAll();
                    counted("resets");
                    break;
                case 1:
                    intake.CloseAll(IntakeClose.OwnDirection);
                    counted("orderly closes");
                    break;
                case 2:
                    intake.CloseAll(IntakeClose.WhenAllIsRead);
                    counted("closes when all is read");
                    break;
                case 3:
                    intake.Stall();
                    pace.Wait();
                    intake.ResetAll();
                    intake.Resume();
                    counted("resets over unread data");
                    break;
                default:
                    intake.Refuse();
                    pace.Wait();
                    intake.Listen();
                    counted("refusals");
                    break;
            }
        }
    }
}
